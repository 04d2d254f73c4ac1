import { useParams } from 'react-router';
import { CustomerList } from './CustomerList';
import { CustomerPage } from './CustomerPage';

/** All customers, or the one that the address names. */
export default function Customers() {
  const { customer } = useParams();
  return customer ? <CustomerPage key={customer} id={customer} /> : <CustomerList />;
}
